"""安置帮教工作台: the desktop program of justice offices for resettlement and assistance."""

__version__ = "0.3.0"
