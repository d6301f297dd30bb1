/** What stands before the tests' registry. */
package dev.coxswain.e2e.registry;
