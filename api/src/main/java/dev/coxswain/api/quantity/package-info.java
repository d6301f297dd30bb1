/** Amounts of resources, and values that are an integer or a string. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.api.quantity;
