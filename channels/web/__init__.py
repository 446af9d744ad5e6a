"""The website's chat: JSON and server-sent events for the widget, plain HTML without script."""
