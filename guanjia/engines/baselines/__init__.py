"""Baselines of monthly consumption: what a measure saved, and which months stand out. Pure."""
