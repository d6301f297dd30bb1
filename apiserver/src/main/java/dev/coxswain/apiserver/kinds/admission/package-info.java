/** The configurations of admission: whom to ask about which requests. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.kinds.admission;
