"""The watch cache: store, indexers, reflector, informer, the cluster's cache. Knows threads, not terminals."""
