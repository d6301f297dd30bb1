/** How a request fails: reasons, causes, and the exception that carries them. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.api.status;
