/** The watch cache: serialized objects, consistent lists and the fan-out of watch events. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.watch;
