/** The addresses and ports of Services: given out in the store's own transactions. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.service;
