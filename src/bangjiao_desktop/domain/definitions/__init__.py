"""Definitions people may change: forms, duties, terms, criteria, assessments, papers, letters, card sheets, texts.

Everything written as TOML is read by `reader`; `layers` lays the bureau's and the province's over the program's own.
"""
