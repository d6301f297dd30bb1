/** What operators look at: health, version and metrics under etcd names. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.store.metrics;
