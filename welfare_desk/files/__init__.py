"""Reading and writing tables, QR matrices, archives. Third-party readers live here and nowhere else."""
