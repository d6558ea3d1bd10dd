"""What may be done to a ledger, in words: the acts of the audit trail and of what was done lately."""

ACTIONS = {
    "insert": "新增", "update": "修改", "delete": "删除", "restore": "恢复", "import": "导入", "look": "试读", "undo": "撤销", "export": "导出",
    "print": "打印", "file": "报出", "preview": "预览", "show": "查看", "look_up": "按号码查找", "explain": "查看明细", "settings": "修改设置", "change_password": "修改口令",
    "reset_password": "重设口令", "new_recovery_key": "更换恢复密钥", "backup": "备份", "give_up": "放弃附件", "note_backup": "记备份情况",
    "unlock": "登录", "unlock_recovery": "用恢复密钥登录", "unlock_failed": "口令输错", "not_done": "没有做成", "keys": "换用密钥文件", "old_keys": "密钥文件是旧的", "rekey": "更换台账密钥", "delete_backups": "删除旧备份",
    "upgrade": "升级台账", "keep_filter": "保存筛选", "restore_backup": "从备份恢复", "seal_texts": "封存档案加密", "accept_ledger": "承认现在的台账",
}  # fmt: skip
