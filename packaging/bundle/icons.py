"""Draws the program's icon: `python icons.py SVG FOLDER` writes FOLDER/SIZE.png, app.ico and welcome.bmp (setup program)."""

import os
import sys
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PIL import Image
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

SIZES = (16, 24, 32, 48, 64, 128, 256, 512)


def main() -> None:
    """Run as the text above says."""
    source, folder = Path(sys.argv[1]), Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    application = QGuiApplication([])
    renderer = QSvgRenderer(str(source))
    for size in SIZES:
        image = QImage(size, size, QImage.Format.Format_ARGB32)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        renderer.render(painter, QRectF(0, 0, size, size))
        painter.end()
        image.save(str(folder / f"{size}.png"))
    pictures = [Image.open(folder / f"{size}.png") for size in SIZES if size <= 256]
    pictures[-1].save(folder / "app.ico", sizes=[one.size for one in pictures], append_images=pictures[:-1])
    welcome = Image.new("RGB", (164, 314), "#1F5FA8")
    welcome.paste("#184C87", (0, 236, 164, 314))
    icon = Image.open(folder / "128.png").resize((104, 104), Image.Resampling.LANCZOS)
    welcome.paste(icon, (30, 96), icon)
    welcome.save(folder / "welcome.bmp")
    del application


if __name__ == "__main__":
    main()
