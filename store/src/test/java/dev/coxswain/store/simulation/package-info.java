/**
 * The store's core under seeds: replicas, lost entries, crashes and slow watchers against a model.
 */
@org.jspecify.annotations.NullMarked
package dev.coxswain.store.simulation;
