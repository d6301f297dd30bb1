/** The errors clients match on. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.store.error;
