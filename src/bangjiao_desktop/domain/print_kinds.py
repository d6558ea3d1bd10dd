"""The kinds of paper the program prints, whom each is for, and the ways it leaves the program."""

KINDS = {
    "cards": "联系卡", "dossier": "一人一档", "papers": "单份文书", "letter": "函件", "envelopes": "信封", "roster": "花名册",
    "visits": "走访单",
    "forms": "统计报表", "brochure": "宣传册", "calibration": "打印校准页",
}  # fmt: skip
FOR_PEOPLE = ("cards", "dossier", "papers", "letter", "envelopes", "roster", "visits")
FOR_OFFICE = ("forms", "brochure")
WAYS = {"printer": "打印", "pdf": "存为 PDF"}
