/** What the packages of this module share. */
package ocellus.loaders;
