package ocellus.loaders.image.jpeg;

/**
 * Pixels of a picture that somebody wants.
 *
 * @param right one past the last column
 * @param bottom one past the last row
 */
public record Area(int left, int top, int right, int bottom) {}
