"""Composition root: settings and kubeconfig in, a Reader out."""
