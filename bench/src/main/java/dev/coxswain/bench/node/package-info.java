/** What a full node costs beside the raw calls of its container runtime. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.bench.node;
