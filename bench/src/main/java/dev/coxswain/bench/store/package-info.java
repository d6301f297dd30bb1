/** The store beside Debian's etcd: the same clients, the same disk, alternating windows. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.bench.store;
