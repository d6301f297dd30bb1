/** Where the time of a request goes. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.trace;
