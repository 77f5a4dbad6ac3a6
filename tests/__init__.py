"""Tests mirror the rooms of the product; support/ holds what they share."""
