import './upload-app.ts';
