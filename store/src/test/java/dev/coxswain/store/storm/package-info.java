/**
 * Storms: three real members in network namespaces, clients that record what they see, and a seeded
 * schedule of faults; what was recorded is checked afterwards.
 */
@org.jspecify.annotations.NullMarked
package dev.coxswain.store.storm;
