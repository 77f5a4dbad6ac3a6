"""One module per page, each with `serve(host, scope, receive, send)`."""
