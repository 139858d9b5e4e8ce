<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en_US">
<context>
    <name>CompareFilters</name>
    <message>
        <source>4. Compare with classical filters</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sweep:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Volume whose frames are compared, or the volume through which a sequence (cine loop, tracked sweep) is browsed. It is never changed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Frames:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How many frames are compared, spread over the sweep. All numbers are means over them; each takes every filter some seconds.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Model:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Despeckling model that is compared with the filters: one that came with the extension, or one that you adapted.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Model file:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Model bundle (folder or zip) or weights file (.pth) on this computer. Remembered on this computer, not saved in the scene.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Speckle2SelfTraining/CompareModelPathHistory</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Strengths:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Strengths of the model, numbers from 0 to 1 with spaces between them, at most four: each gets a row of the table.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>0.8</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Classical filters to compare with, at settings that keep about as much of the edges as the network does.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Filters</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Averages similar patches (Buades 2005). Some seconds per frame.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Non-local means</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Speckle reducing anisotropic diffusion (Yu and Acton 2002), made for ultrasound.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>SRAD</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Flattens regions and keeps steps (Chambolle 2004).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Total variation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Thresholds small wavelet coefficients (Chang 2000).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Wavelet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Diffusion that keeps level curves, of ITK.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Curvature diffusion</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Diffusion that stops at edges (Perona and Malik), of ITK.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Gradient diffusion</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Median of 7 x 7 pixels, the simplest one.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Median</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Averages neighbors of similar brightness, of ITK.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Bilateral</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Patch-based denoising of ITK: minutes per frame, so it is run on the first frame only.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Patch-based (slow)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Where it is measured</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tissue in:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Where speckle is measured, as ENL and MSR are: a markups ROI whose outline is taken on every frame, or a segmentation with a segment in plain tissue. Without one, the flattest tissue of each frame is found.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Found automatically</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Lumen in:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What tissue is told from, as CNR does: a markups ROI, or a segmentation of the lumen. Without one, the darkest place with tissue above and below is found.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Frames lie along:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Axis of a 3D volume along which its frames lie. Sequences do not need it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Leave the compared frames, by every method, in the scene: volumes where the frames lie, in a folder of Data. Otherwise they are there while they are shown.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep the images in the scene</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Run the model and the filters on a few frames of the sweep, and measure them.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Compare</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Frames done, of all methods together.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show one frame by every method side by side in views that move together, with the table below.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show images and table</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Frame:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Which of the compared frames is shown; counted from 1.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save a picture of the first compared frame by every method, with the numbers below.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export figure...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save the table as a file that spreadsheets open.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export CSV...</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Speckle2SelfTraining</name>
    <message>
        <source>Settings of this computer that hold for all steps below. Remembered on this computer, not saved in the scene.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This computer (for all steps)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Device:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Where everything of this panel runs: adapting, segmenting, learning and comparing. Remembered on this computer, not saved in the scene.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Models folder:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Folder for new models, adapted and learned. Models in the suggested folder are listed in the model choosers. Remembered on this computer, not saved in the scene.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Speckle2SelfTraining/ModelsFolderHistory</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Wheel folder:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>For computers without a network: folder of Python wheels from which missing packages are installed. Empty: they are downloaded. Remembered on this computer, not saved in the scene.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Speckle2Self/WheelFolderHistory</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>1. Adapt a model to your machine</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sweeps:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sweeps to train on: check one or several volumes, or volumes through which sequences (cine loops, tracked sweeps) are browsed. They are never changed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check on:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Another sweep on which the training is checked and the best model chosen. Without one, a part of the frames is held out.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Held-out frames</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Base model:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Model to start from; it is not changed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Model file:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Model bundle (folder or zip) or weights file (.pth) on this computer. Remembered on this computer, not saved in the scene.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Speckle2SelfTraining/BaseModelPathHistory</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Steps:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How many steps to train. 200 adapt a model to a machine.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Time to spend:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop after this time, even if steps are left. The best model so far is saved.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No limit</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source> minutes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>New model:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Name of the new model; a free one is suggested. It is written into every result of the model, so do not use a patient&apos;s name.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Advanced</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Crop:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Rows and columns of the pieces of frames that the network learns from; a multiple of 16. Larger ones take longer.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source> pixels</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Crops in a step:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How many crops go into a step. More make the steps steadier and longer.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Random seed:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The same seed, sweeps and settings give the same model on the same computer.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Frames lie along:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Axis of a 3D volume along which its frames lie. Sequences do not need it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A zip file is easier to send; a folder is easier to look into. Both work as a model.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save the model as one zip file</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Leave the held-out frame, before and after, in the scene when the training is done.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep the before and after images in the scene</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Switch to a layout with the loss and a held-out frame, before and after, while the training runs. Unchecked, the views are as they were.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show loss and before/after in the views</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Train on the chosen sweeps and save the result as a new model.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start training</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Steps done.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open Speckle2Self with the new model chosen.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Despeckle with the new model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>2. Segment the carotid</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sweep:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Volume to segment: a grayscale or color sweep across the neck, or the volume through which a sequence (cine loop, tracked sweep) is browsed. It is never changed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Segmentation:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Segmentation that gets the lumen; its other segments stay. Also what is corrected, learned from and measured.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Create new segmentation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Lumen is:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Which segment of the segmentation is the lumen, where it has several: for learning and measuring.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Model:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Network that finds the lumen: the one that came with the extension, or one that learned from your corrections.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Segmentation model (bundle folder or zip) on this computer. Remembered on this computer, not saved in the scene.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Speckle2SelfTraining/SegmentModelPathHistory</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remove speckle before the network looks at the frames. The sweep itself is not changed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Despeckle first</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A vessel that only one frame shows is dropped, a single gap is filled, and the outline is steadied along the sweep.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Neighboring frames decide together</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep one connected lumen. Unchecked keeps all, as above the place where the artery divides.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>One vessel per frame</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Smooth the outline lightly; the area stays.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Smooth outline</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Make a surface of the lumen of a swept volume, which 3D views show. Sequences have none.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Surface for 3D views</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Confidence from:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Frames on which the network is less sure count as without a lumen: higher finds fewer vessels where there are none, and misses more.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Find the lumen on every frame.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Segment</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Frames done.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open the Segment Editor with this segmentation and sweep. Of a sequence, browse to a frame and correct it; changes are kept.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Edit in Segment Editor</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Learn from corrections</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Learn from:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Frames whose segmentation you have changed, or all that show a lumen.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop after this time, even if steps are left.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Switch to a layout with the loss while it learns. Unchecked, the views are as they were.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show loss in the views</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Continue the chosen model with the corrected frames, and save the result as a new model.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>3. Measure</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Area, diameters and place of the lumen on every frame, as a table and a diameter profile.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Measure</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Switch to a layout with the table and the diameter profile.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show table and profile</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save the table as a file that spreadsheets open.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export CSV...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Speckle2Self Training</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Adapts the despeckling network of Speckle2Self to your ultrasound machine: choose sweeps of it, and in some minutes you get a model of your own. No clean images are needed. Segments the lumen of the carotid artery, learns from your corrections, and measures it. Compares despeckling with classical filters. For research, not for diagnosis. See the &lt;a href=&quot;{url}&quot;&gt;documentation&lt;/a&gt;.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Method: X. Li, N. Navab, Z. Jiang, Speckle2Self: Self-supervised ultrasound speckle reduction without clean data, Medical Image Analysis 2025, 103755, &lt;a href=&quot;https://doi.org/10.1016/j.media.2025.103755&quot;&gt;doi 10.1016/j.media.2025.103755&lt;/a&gt;. Please cite it when you publish results.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing was installed. Training needs the packages that it offers to install.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>desktop.compare_filters_section</name>
    <message>
        <source>Nothing was installed. Comparing needs the packages that it offers to install.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Done: {table}. {numbers} {where} For research use only.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{method} (method {number} of {methods}): frame {done} of {total}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export figure</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pictures (*.png)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export comparison</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tables (*.csv)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Another job is running.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Compare</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Run the model and the filters on a few frames of the sweep, and measure them.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop; the scene stays as it was.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{method}: ENL in tissue {value} (input {before}), {share} % of the edges kept.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sending the frames to the worker...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Starting the worker...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Loading the model...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Finding where to measure...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Comparing...</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>desktop.compare_options</name>
    <message>
        <source>Choose a sweep first.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The sweep has no image; load or choose one that has.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Give one to four different strengths from 0 to 1, for example 0.5 0.8.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check at least one filter.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>desktop.job_settings</name>
    <message>
        <source>Choose at least one sweep to train on.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>One of the chosen sweeps has no image; load it or choose another one.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>One frame is too few to train on and to check; choose a sweep with more.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The validation sweep has no image; load it or choose another one.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The validation sweep is also chosen for training; choose it only once.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} is a file; choose a folder for new models.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The name of a model must not begin with a dot nor contain any of / \ : * ? &quot; &lt; &gt; |.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} is the name of a model that came with the extension; choose another name.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is a model {name} already; choose another name.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>desktop.learn_section</name>
    <message>
        <source>Nothing was installed. Training needs the packages that it offers to install.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Another job is running.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Learn from corrections</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Continue the chosen model with the corrected frames, and save the result as a new model.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop; nothing is saved, and the scene is as it was before.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>desktop.lumen_segment</name>
    <message>
        <source>Automatic</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>desktop.measure_section</name>
    <message>
        <source>For research use only.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Frame {done} of {total}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export measurements</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tables (*.csv)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Measures {segmentation} on {sweep}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Measure</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Area, diameters and place of the lumen on every frame, as a table and a diameter profile.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Another job is running.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop; the scene stays as it was.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>desktop.panel_state</name>
    <message>
        <source>Another job is running.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start training</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop; nothing is saved, and the scene is as it was before.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Train on the chosen sweeps and save the result as a new model.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>desktop.progress</name>
    <message>
        <source>Step {step} of {steps}, loss {loss}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{line}, {left} left</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>all {steps} steps done</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>time was up after {steps} steps</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no more improvement after {steps} steps</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Done: model {name} ({reason}, best at step {best}). For research use only.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sending the frames to the worker...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Starting the worker...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Measuring the sweeps and computing the first step...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Training...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Saving the model...</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>desktop.sample_data</name>
    <message>
        <source>Ultrasound (Speckle2Self)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Simulating {name}...</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>desktop.saving</name>
    <message>
        <source>Speckle2Self Training</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Written: {path}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} is there already. Replace it?</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>desktop.segment_options</name>
    <message>
        <source>Choose a sweep first.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The sweep has no image; load or choose one that has.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a sweep first, under Segment.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a segmentation under Segment, or make one.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>desktop.segment_section</name>
    <message>
        <source>Nothing was installed. Segmentation needs the packages that it offers to install.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Done: {name}. For research use only.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Another job is running.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Segment</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Find the lumen on every frame.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop; the scene stays as it was.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Looking over the sweep and segmenting the first frames...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Segmenting...</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>desktop.self_test</name>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start training</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>desktop.sweep_info</name>
    <message>
        <source>Choose one sweep or several: cine loops, tracked sweeps or volumes of your machine.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{sweeps} sweeps, {frames} frames</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>These frames check the training, which never sees them.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The last fifth of the sweep is held out: it checks the training, which never sees it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>One of the sweeps or more is held out: it checks the training, which never sees it.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>qSlicerAbstractCoreModule</name>
    <message>
        <source>Ultrasound</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>scene.comparison_views</name>
    <message>
        <source>Comparison</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>scene.measurement_table</name>
    <message>
        <source>Counted from 1.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Position along the sweep (mm)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Time (s)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Frame (counted from 1)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Lumen diameter</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Diameter ({unit})</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>scene.views</name>
    <message>
        <source>Loss</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Before</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>After</source>
        <translation type="unfinished"></translation>
    </message>
</context>
</TS>
