/** What a whole cluster costs in seconds, memory and idle CPU. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.bench.cluster;
