/** The etcd v3 services as JSON over HTTP, for clients that speak no gRPC. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.store.gateway;
