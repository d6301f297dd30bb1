/** The API client: verbs, list-watch cache, work queue, leader election, events. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.runtime.client;
