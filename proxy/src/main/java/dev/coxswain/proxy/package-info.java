/** See ARCHITECTURE.md for what lives in this module. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.proxy;
