-- Version 1 to 2: columns for the measurements of pixels of images and crops.
ALTER TABLE {d}.samples ADD COLUMN lightly.width INTEGER;
ALTER TABLE {d}.samples ADD COLUMN lightly.height INTEGER;
ALTER TABLE {d}.samples ADD COLUMN lightly.shape INTEGER[];
ALTER TABLE {d}.samples ADD COLUMN lightly.mean DOUBLE[];
ALTER TABLE {d}.samples ADD COLUMN lightly.std DOUBLE[];
ALTER TABLE {d}.samples ADD COLUMN lightly.sumOfValues DOUBLE[];
ALTER TABLE {d}.samples ADD COLUMN lightly.sumOfSquares DOUBLE[];
