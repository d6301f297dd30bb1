/** The API server with its store, beside what kube-apiserver with etcd was measured to need. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.bench.api;
