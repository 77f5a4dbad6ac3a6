"""The command line: one module per subcommand. Only __main__ imports from here."""
