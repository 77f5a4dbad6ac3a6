"""The claim service: claim pages, guards and the settler thread. The only room with asyncio."""
