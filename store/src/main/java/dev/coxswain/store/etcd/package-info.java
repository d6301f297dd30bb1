/** The etcd v3 gRPC services over the state machine. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.store.etcd;
