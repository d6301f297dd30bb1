/** The etcd v3 client: keys, optimistic transactions, failover over several endpoints. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.storage;
