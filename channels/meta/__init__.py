"""What channels on Meta's Graph API have in common. No channel itself: it knows none of them."""
