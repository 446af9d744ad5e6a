"""The staff desk: who may work here, the queue, and taking a conversation over."""
