"""One suite of API behaviour for the simulated server and a real kube-apiserver."""
