"""What tests share: waiting, databases, processes, browsers, looks."""
