/** When to work: bursts of changes become one run, failures are tried again later. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.proxy.sync;
