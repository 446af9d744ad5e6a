"""Stand-ins of the providers: small real servers that behave as the published APIs say."""
