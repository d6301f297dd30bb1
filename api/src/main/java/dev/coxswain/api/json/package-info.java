/** JSON as the API reads and writes it. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.api.json;
