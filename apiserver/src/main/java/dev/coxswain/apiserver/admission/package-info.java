/** What is changed in, or refused about, an object on its way to the store. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.admission;
