"""The Qt window. It holds no keys and opens no sockets; it reads queries and writes services."""
