"""Meetings (会议服务): rooms, and who has them when."""
