"""Campaigns: the same work done and broken many thousand times, each one command with a count.

They are no tests of pytest's; tests/test_campaigns.py runs a short form of each.
"""
