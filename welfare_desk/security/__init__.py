"""Keys, sealing, links, passwords, masking. The only room that imports cryptography."""
